import Close from '@mui/icons-material/Close';
import { Alert, Box, IconButton, Paper, Stack, Tab, Tabs, Typography } from '@mui/material';
import { useState } from 'react';

import { Json } from '../shared/Json';
import { Time } from '../shared/Time';
import type { GraphNode } from './graph';
import { progressText, summaryOf, typeText } from './looks';
import { detailsOf, type HistoryEvent, type Passed } from './path';

interface Props {
  node: GraphNode;
  passed: Passed | undefined;
  noEvents?: string;
  onClose: () => void;
}

type Part = 'input' | 'output' | 'events' | 'definition';

/** What one state is and what happened in it. */
export function StateDetails({ node, passed, noEvents, onClose }: Props) {
  const hasEvents = passed !== undefined && passed.events.length > 0;
  const [part, setPart] = useState<Part>(hasEvents ? 'input' : 'definition');
  return (
    <Paper
      variant="outlined"
      component="section"
      aria-label={`State ${node.name}`}
      sx={{ p: 2, minWidth: 0 }}
    >
      <Stack direction="row" sx={{ alignItems: 'flex-start' }}>
        <Box sx={{ flex: 1 }}>
          <Typography variant="h6" component="h3">
            {node.name}
          </Typography>
          <Typography variant="body2" color="text.secondary">
            {typeText(node)} · {progressText(passed)}
            {passed && ` · ${summaryOf(node, passed)}`}
          </Typography>
        </Box>
        <IconButton aria-label="Close the state" onClick={onClose} size="small">
          <Close />
        </IconButton>
      </Stack>
      {node.state?.Comment && (
        <Typography variant="body2" sx={{ mt: 1 }}>
          {node.state.Comment}
        </Typography>
      )}
      {passed?.error && (
        <Alert severity="error" sx={{ mt: 1 }}>
          <strong>{passed.error.error}</strong> {passed.error.cause}
        </Alert>
      )}
      {!hasEvents && noEvents && (
        <Alert severity="info" sx={{ mt: 1 }}>
          {noEvents}
        </Alert>
      )}
      <Tabs
        value={part}
        onChange={(_, chosen: Part) => {
          setPart(chosen);
        }}
        variant="scrollable"
        aria-label={`About ${node.name}`}
        sx={{ minHeight: 36, mb: 1 }}
      >
        {hasEvents && <Tab value="input" label="Input" />}
        {hasEvents && <Tab value="output" label="Output" />}
        {hasEvents && <Tab value="events" label={`Events (${String(passed.events.length)})`} />}
        <Tab value="definition" label="Definition" />
      </Tabs>
      {part === 'input' && <Value value={passed?.input} label={`Input of ${node.name}`} />}
      {part === 'output' && <Value value={passed?.output} label={`Output of ${node.name}`} />}
      {part === 'definition' && <Json label={`Definition of ${node.name}`} value={node.state} />}
      {part === 'events' && passed && <Events events={passed.events} />}
    </Paper>
  );
}

function Value({ value, label }: { value: unknown; label: string }) {
  if (value === undefined) return <Typography variant="body2">None yet.</Typography>;
  return <Json label={label} value={value} />;
}

function Events({ events }: { events: readonly HistoryEvent[] }) {
  let attempt = 0;
  return (
    <Box component="ol" sx={{ m: 0, p: 0, listStyle: 'none', maxHeight: 480, overflow: 'auto' }}>
      {events.map((event) => {
        const begins = event.type.endsWith('Scheduled');
        if (begins) attempt += 1;
        return (
          <Box component="li" key={event.id} sx={{ borderBottom: 1, borderColor: 'divider', py: 0.5 }}>
            <details>
              <summary>
                <Time at={event.timestamp} exact /> {event.type}
                {begins && ` (try ${String(attempt)})`}
              </summary>
              <Json label={`Event ${String(event.id)}`} value={detailsOf(event)} />
            </details>
          </Box>
        );
      })}
    </Box>
  );
}
