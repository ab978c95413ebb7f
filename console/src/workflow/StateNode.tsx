import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { Box, ButtonBase, Typography, useTheme } from '@mui/material';

import type { GraphNode } from './graph';
import { colorOf, iconOf, progressText, summaryOf, typeText } from './looks';
import type { Passed } from './path';

export type StateData = Record<string, unknown> & {
  node: GraphNode;
  passed: Passed | undefined;
  /** Not on the way that the run has taken. */
  dimmed: boolean;
  selected: boolean;
  still: boolean;
  onSelect: (id: string) => void;
};

/** One box of the drawing: a state is a button, a group has its button at the top. */
export function StateNode({ data }: NodeProps<Node<StateData>>) {
  const { kind } = data.node;
  return (
    <>
      <Handle type="target" position={Position.Top} style={HIDDEN} isConnectable={false} />
      {kind === 'start' || kind === 'end' ? <Terminal name={data.node.name} /> : undefined}
      {kind === 'state' ? <StateBox data={data} /> : undefined}
      {kind === 'group' || kind === 'branch' ? <Group data={data} /> : undefined}
      <Handle type="source" position={Position.Bottom} style={HIDDEN} isConnectable={false} />
    </>
  );
}

const HIDDEN = { opacity: 0, pointerEvents: 'none' } as const;

function Terminal({ name }: { name: string }) {
  return (
    <Box
      sx={{
        height: '100%',
        display: 'grid',
        placeItems: 'center',
        borderRadius: 4,
        bgcolor: 'action.selected',
        color: 'text.secondary',
        fontSize: 12,
      }}
    >
      {name}
    </Box>
  );
}

function StateBox({ data }: { data: StateData }) {
  const theme = useTheme();
  const { node, passed, selected, dimmed, still } = data;
  const color = colorOf(passed?.progress, theme);
  const now = passed?.progress === 'running';
  return (
    <ButtonBase
      className="nopan"
      aria-label={`${node.name}, ${typeText(node)}, ${progressText(passed)}`}
      aria-pressed={selected}
      onClick={() => {
        data.onSelect(node.id);
      }}
      sx={{
        width: '100%',
        height: '100%',
        justifyContent: 'flex-start',
        gap: 1,
        px: 1,
        textAlign: 'left',
        borderRadius: 1,
        border: 2,
        borderColor: color,
        borderStyle: dimmed ? 'dashed' : 'solid',
        bgcolor: 'background.paper',
        color: dimmed ? 'text.secondary' : 'text.primary',
        outline: selected ? `3px solid ${theme.palette.primary.main}` : 'none',
        outlineOffset: 2,
        '&.Mui-focusVisible': { outline: `3px solid ${theme.palette.primary.main}` },
        ...(now && !still && { animation: 'ferry-pulse 1.6s ease-in-out infinite' }),
        '@keyframes ferry-pulse': {
          '0%, 100%': { boxShadow: `0 0 0 0 ${color}` },
          '50%': { boxShadow: `0 0 0 7px ${color}55` },
        },
      }}
    >
      <StateIcon node={node} color={passed ? color : theme.palette.text.secondary} />
      <StateText node={node} passed={passed} />
    </ButtonBase>
  );
}

function StateIcon({ node, color }: { node: GraphNode; color: string }) {
  const Icon = iconOf(node);
  return <Icon sx={{ color, fontSize: 22 }} />;
}

function StateText({ node, passed }: { node: GraphNode; passed: Passed | undefined }) {
  return (
    <Box sx={{ minWidth: 0 }}>
      <Typography variant="body2" noWrap sx={{ fontWeight: 600, lineHeight: 1.25 }}>
        {node.name}
      </Typography>
      <Typography variant="caption" noWrap color="text.secondary" sx={{ display: 'block', lineHeight: 1.25 }}>
        {summaryOf(node, passed)}
      </Typography>
    </Box>
  );
}

function Group({ data }: { data: StateData }) {
  const theme = useTheme();
  const { node, passed, selected } = data;
  const isBranch = node.kind === 'branch';
  return (
    <Box
      sx={{
        height: '100%',
        border: isBranch ? 1 : 2,
        borderStyle: isBranch ? 'dashed' : 'solid',
        borderColor: passed ? colorOf(passed.progress, theme) : 'divider',
        borderRadius: 1.5,
        bgcolor: 'action.hover',
      }}
    >
      {isBranch ? (
        <Typography variant="caption" color="text.secondary" sx={{ display: 'block', p: 1 }}>
          {node.name}
        </Typography>
      ) : (
        <ButtonBase
          className="nopan"
          aria-label={`${node.name}, ${node.type}, ${progressText(passed)}`}
          aria-pressed={selected}
          onClick={() => {
            data.onSelect(node.id);
          }}
          sx={{
            gap: 1,
            px: 1,
            py: 0.5,
            m: 0.5,
            borderRadius: 1,
            textAlign: 'left',
            bgcolor: 'background.paper',
          }}
        >
          <StateIcon node={node} color={colorOf(passed?.progress, theme)} />
          <StateText node={node} passed={passed} />
        </ButtonBase>
      )}
    </Box>
  );
}
