import { Box, Skeleton, Stack, ToggleButton, ToggleButtonGroup, useMediaQuery } from '@mui/material';
import AccountTree from '@mui/icons-material/AccountTree';
import FormatListNumbered from '@mui/icons-material/FormatListNumbered';
import { lazy, Suspense, useMemo, useState } from 'react';

import type { AslMachine } from './asl';
import { graphOf } from './graph';
import { pathOf, type HistoryEvent, type Path } from './path';
import { StateDetails } from './StateDetails';
import { StateList } from './StateList';

const Canvas = lazy(() => import('./GraphCanvas'));

interface Props {
  /** The definition in Amazon States Language. */
  definition: AslMachine;
  /** Events of a run in the form of GetExecutionHistory; without them only the definition is shown. */
  history?: readonly HistoryEvent[];
  /** The way of a run that has no history yet, in place of `history`. */
  path?: Path;
  height?: number | string;
  /** What to say beside a state's definition when a run has no events of it. */
  noEvents?: string;
}

type View = 'graph' | 'list';

/**
 * A workflow drawn from its definition; with a run's history also the path that it has taken and where it is now.
 * A click on a state shows what it is and its events. The list says the same without the drawing.
 */
export default function WorkflowGraph({ definition, history, path: given, height, noEvents }: Props) {
  const graph = useMemo(() => graphOf(definition), [definition]);
  const path = useMemo(() => given ?? pathOf(graph, history), [graph, history, given]);
  const [selected, setSelected] = useState<string>();
  const [view, setView] = useState<View>('graph');
  const still = useMediaQuery('(prefers-reduced-motion: reduce)');
  const node = graph.nodes.find(({ id }) => id === selected);
  return (
    <Stack spacing={1}>
      <ToggleButtonGroup
        exclusive
        size="small"
        value={view}
        aria-label="How the workflow is shown"
        onChange={(_, chosen: View | null) => {
          if (chosen) setView(chosen);
        }}
      >
        <ToggleButton value="graph">
          <AccountTree fontSize="small" sx={{ mr: 0.5 }} /> Graph
        </ToggleButton>
        <ToggleButton value="list">
          <FormatListNumbered fontSize="small" sx={{ mr: 0.5 }} /> List
        </ToggleButton>
      </ToggleButtonGroup>
      <Box
        sx={{
          display: 'grid',
          gap: 2,
          gridTemplateColumns: {
            xs: 'minmax(0, 1fr)',
            lg: node ? 'minmax(0, 3fr) minmax(0, 2fr)' : 'minmax(0, 1fr)',
          },
        }}
      >
        {view === 'graph' ? (
          <Suspense fallback={<Skeleton variant="rounded" height={height ?? 480} />}>
            <Canvas
              graph={graph}
              path={path}
              selected={selected}
              onSelect={setSelected}
              height={height}
              still={still}
            />
          </Suspense>
        ) : (
          <StateList graph={graph} path={path} selected={selected} onSelect={setSelected} />
        )}
        {node && (
          <StateDetails
            key={node.id}
            node={node}
            passed={path.states.get(node.id)}
            noEvents={noEvents}
            onClose={() => {
              setSelected(undefined);
            }}
          />
        )}
      </Box>
    </Stack>
  );
}
