import { List, ListItemButton, ListItemIcon, ListItemText, useTheme } from '@mui/material';

import type { EdgeKind, Graph, GraphNode } from './graph';
import { colorOf, iconOf, progressText, summaryOf, typeText } from './looks';
import type { Path } from './path';

interface Props {
  graph: Graph;
  path: Path;
  selected: string | undefined;
  onSelect: (id: string) => void;
}

/** The same as the drawing, as text: each state with where it leads. */
export function StateList({ graph, path, selected, onSelect }: Props) {
  const theme = useTheme();
  const states = graph.nodes.filter(({ kind }) => kind === 'state' || kind === 'group');
  const withRun = path.states.size > 0;
  return (
    <List
      dense
      disablePadding
      aria-label="States of the workflow"
      sx={{ border: 1, borderColor: 'divider', borderRadius: 1 }}
    >
      {states.map((node) => {
        const passed = path.states.get(node.id);
        const Icon = iconOf(node);
        const about = withRun
          ? `${progressText(passed)}${passed ? ` (${summaryOf(node, passed)})` : ''}`
          : typeText(node);
        return (
          <li key={node.id}>
            <ListItemButton
              selected={selected === node.id}
              aria-pressed={selected === node.id}
              onClick={() => {
                onSelect(node.id);
              }}
              sx={{ pl: 2 + 2 * depthOf(graph, node) }}
            >
              <ListItemIcon
                sx={{ minWidth: 36, color: passed ? colorOf(passed.progress, theme) : undefined }}
              >
                <Icon />
              </ListItemIcon>
              <ListItemText primary={`${node.name}: ${about}`} secondary={waysOf(graph, path, node)} />
            </ListItemButton>
          </li>
        );
      })}
    </List>
  );
}

function depthOf(graph: Graph, node: GraphNode): number {
  const parent = graph.nodes.find(({ id }) => id === node.parent);
  return parent ? 1 + depthOf(graph, parent) : 0;
}

const WORDS: Record<EdgeKind, string> = {
  next: 'then',
  choice: 'if',
  default: 'otherwise',
  catch: 'on',
  retry: 'again:',
};

function waysOf(graph: Graph, path: Path, node: GraphNode): string {
  return graph.edges
    .filter(({ from }) => from === node.id)
    .map((edge) => {
      const taken = path.edges.has(edge.id) ? ' (taken)' : '';
      const to = graph.nodes.find(({ id }) => id === edge.to)?.name ?? edge.to;
      if (edge.kind === 'retry') return `${edge.label}${taken}`;
      if (edge.kind === 'next' || edge.kind === 'default') return `${WORDS[edge.kind]} ${to}${taken}`;
      return `${WORDS[edge.kind]} ${edge.label}: ${to}${taken}`;
    })
    .join('; ');
}
