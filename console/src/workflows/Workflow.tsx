import { Box, CircularProgress, MenuItem, Tab, Tabs, TextField, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Title } from 'react-admin';
import { useParams, useSearchParams } from 'react-router-dom';

import type { Schema } from '../api/types';
import { useClient } from '../api/useClient';
import { JsonDiff } from '../diff/JsonDiff';
import { FormSection } from '../records/FormSection';
import { useRecords } from '../records/useRecords';
import { Json } from '../shared/Json';
import { Problem } from '../shared/Problem';
import { Time } from '../shared/Time';
import type { AslMachine } from '../workflow/asl';

const WorkflowGraph = lazy(() => import('../workflow/WorkflowGraph'));

type Version = Schema<'VersionAnswer'>;
type Definition = Schema<'VersionWithDefinition'>;

const TABS = { graph: 'Graph', diff: 'Changes', text: 'Definition' } as const;
type TabName = keyof typeof TABS;

/** A workflow's published versions: drawn, compared, and as text. */
export default function Workflow() {
  const { family = '', release = '' } = useParams();
  const { data, error, refetch } = useRecords<Version>('listWorkflowVersions', { path: { family, release } });
  const [query, setQuery] = useSearchParams();
  const versions = [...(data ?? [])].sort((a, b) => b.version - a.version);
  const live = versions.find((version) => version.live) ?? versions[0];
  const shown = Number(query.get('version') ?? live?.version ?? 0);
  const asked = query.get('tab') ?? '';
  const tab: TabName = asked in TABS ? (asked as TabName) : 'graph';
  const put = (name: string, value: string) => {
    const changed = new URLSearchParams(query);
    changed.set(name, value);
    setQuery(changed, { replace: true });
  };
  const before = Number(
    query.get('before') ?? versions.find(({ version }) => version < shown)?.version ?? shown,
  );
  if (error)
    return <Problem error={error} title="The versions cannot be shown" again={() => void refetch()} />;
  if (!data) return <CircularProgress aria-label="Loading" sx={{ m: 4 }} />;
  return (
    <Box sx={{ mt: 2 }}>
      <Title title={`Workflow ${family}/${release}`} />
      <FormSection title={`${family}/${release}`}>
        <Box sx={{ display: 'flex', gap: 2, flexWrap: 'wrap', alignItems: 'center', mt: 1 }}>
          <VersionInput
            label="Version"
            value={shown}
            versions={versions}
            put={(value) => put('version', value)}
          />
          {tab === 'diff' && (
            <VersionInput
              label="Compared with"
              value={before}
              versions={versions}
              put={(value) => put('before', value)}
            />
          )}
          <Typography variant="body2" color="text.secondary">
            Published <Time at={versions.find(({ version }) => version === shown)?.created_at} />
          </Typography>
        </Box>
      </FormSection>
      <Tabs
        value={tab}
        onChange={(_, to: TabName) => put('tab', to)}
        aria-label="How the workflow is shown"
        sx={{ mb: 2, borderBottom: 1, borderColor: 'divider' }}
      >
        {(Object.keys(TABS) as TabName[]).map((name) => (
          <Tab key={name} value={name} label={TABS[name]} />
        ))}
      </Tabs>
      <Shown family={family} release={release} version={shown} before={before} tab={tab} />
    </Box>
  );
}

interface VersionInputProps {
  label: string;
  value: number;
  versions: Version[];
  put: (value: string) => void;
}

function VersionInput({ label, value, versions, put }: VersionInputProps) {
  return (
    <TextField
      select
      size="small"
      label={label}
      value={String(value)}
      onChange={(event) => put(event.target.value)}
      sx={{ minWidth: 160 }}
    >
      {versions.map(({ version, live }) => (
        <MenuItem key={version} value={String(version)}>
          {version} {live && '(live)'}
        </MenuItem>
      ))}
    </TextField>
  );
}

function useDefinition(family: string, release: string, version: number) {
  const client = useClient();
  return useQuery({
    queryKey: ['workflow', family, release, version],
    queryFn: async () =>
      (await client.call<Definition>('readWorkflowVersion', { path: { family, release, version } })).data,
    enabled: version > 0,
    staleTime: Infinity,
  });
}

interface ShownProps {
  family: string;
  release: string;
  version: number;
  before: number;
  tab: TabName;
}

function Shown({ family, release, version, before, tab }: ShownProps) {
  const after = useDefinition(family, release, version);
  const other = useDefinition(family, release, tab === 'diff' ? before : version);
  const error = after.error ?? other.error;
  if (error) return <Problem error={error} title="The definition cannot be shown" />;
  if (!after.data || !other.data) return <CircularProgress aria-label="Loading" />;
  const { definition } = after.data;
  if (tab === 'text') return <Json value={definition} label="Definition" maxHeight="none" />;
  if (tab === 'diff') {
    const names = [`Version ${String(before)}`, `Version ${String(version)}`] as const;
    return <JsonDiff before={other.data.definition} after={definition} names={names} />;
  }
  return (
    <Suspense fallback={<CircularProgress aria-label="Loading" />}>
      <WorkflowGraph definition={definition as unknown as AslMachine} height={640} />
    </Suspense>
  );
}
