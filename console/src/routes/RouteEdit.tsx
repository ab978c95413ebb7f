import { Box, Tab, Tabs } from '@mui/material';
import { useRecordContext } from 'react-admin';

import { useMay } from '../auth/IdentityContext';
import { ExplainBox } from '../explain/ExplainBox';
import { RecordEdit } from '../records/RecordEdit';
import { FormSection } from '../records/FormSection';
import { DryRun } from './DryRun';
import { Revisions } from './Revisions';
import { RouteFields } from './RouteFields';
import { RouteJson } from './RouteJson';
import { RouteToolbar } from './RouteToolbar';
import { TABS, useRouteTab, type TabName } from './useRouteTab';

export default function RouteEdit() {
  return (
    <RecordEdit
      schema="route"
      operation="replaceRoute"
      kind="Route"
      bare
      added={({ new_comment }) => ({ comment: typeof new_comment === 'string' ? new_comment : '' })}
      above={<RouteTabs />}
      toolbar={<RouteToolbar />}
    >
      <Panes />
    </RecordEdit>
  );
}

function RouteTabs() {
  const [tab, setTab] = useRouteTab();
  const may = useMay();
  const names = (Object.keys(TABS) as TabName[]).filter((name) => name !== 'dry-run' || may('dryRunRoute'));
  return (
    <Tabs
      value={tab}
      onChange={(_, to: TabName) => {
        setTab(to);
      }}
      aria-label="Parts of the route"
      variant="scrollable"
      sx={{ mb: 2, borderBottom: 1, borderColor: 'divider' }}
    >
      {names.map((name) => (
        <Tab key={name} value={name} label={TABS[name]} />
      ))}
    </Tabs>
  );
}

/** All in one form, so that its text survives a change of tabs. */
function Panes() {
  const [tab] = useRouteTab();
  const record = useRecordContext();
  if (tab === 'json') return <RouteJson />;
  if (tab === 'revisions') return <Revisions key={String(record?.revision)} />;
  if (tab === 'dry-run') return <DryRun />;
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 2,
        alignItems: 'start',
        gridTemplateColumns: { xs: '1fr', lg: 'minmax(0, 1fr) 360px' },
      }}
    >
      <Box sx={{ minWidth: 0 }}>
        <RouteFields />
      </Box>
      <Box sx={{ position: { lg: 'sticky' }, top: { lg: 64 }, minWidth: 0 }}>
        <FormSection title="Explain" about="What happens to a file, by the routes as they are saved.">
          <ExplainBox compact highlight={String(record?.id)} />
        </FormSection>
      </Box>
    </Box>
  );
}
