import '@xyflow/react/dist/style.css';
import { Background, Controls, ReactFlow, type Edge, type Node } from '@xyflow/react';
import { Alert, Box, Skeleton, useTheme } from '@mui/material';
import { useEffect, useMemo, useState } from 'react';

import { GraphLegend } from './GraphLegend';
import { LineEdge, type LineData } from './LineEdge';
import { StateNode, type StateData } from './StateNode';
import type { Graph } from './graph';
import { labelOf, layoutOf, type Layout } from './layout';
import type { Path } from './path';

interface Props {
  graph: Graph;
  path: Path;
  selected: string | undefined;
  onSelect: (id: string) => void;
  /** Of the drawing; without it what the graph needs, within limits. */
  height?: number | string;
  /** Nothing moves. */
  still: boolean;
}

const NODE_TYPES = { state: StateNode };
const EDGE_TYPES = { line: LineEdge };

/** The drawing; a chunk of its own, since React Flow and ELK are large. */
export default function GraphCanvas({ graph, path, selected, onSelect, height, still }: Props) {
  const theme = useTheme();
  const { layout, error } = useLayout(graph);
  const nodes = useMemo(
    () => (layout ? nodesOf(graph, layout, path, selected, onSelect, still) : []),
    [graph, layout, path, selected, onSelect, still],
  );
  const edges = useMemo(() => (layout ? edgesOf(graph, layout, path) : []), [graph, layout, path]);
  if (error) return <Alert severity="error">The workflow cannot be drawn: {error}. The list shows it.</Alert>;
  if (!layout) return <Skeleton variant="rounded" height={height ?? 480} />;
  const tall = height ?? Math.min(900, Math.max(280, layout.height * 0.85 + 40));
  return (
    <Box
      sx={{
        height: tall,
        border: 1,
        borderColor: 'divider',
        borderRadius: 1,
        overflow: 'hidden',
        position: 'relative',
      }}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        colorMode={theme.palette.mode}
        style={{ backgroundColor: theme.palette.background.default }}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        preventScrolling={false}
        zoomOnScroll={false}
        minZoom={0.2}
        maxZoom={1.5}
        fitView
        fitViewOptions={{ padding: 0.06, maxZoom: 1 }}
        aria-label="The workflow as a graph"
      >
        <Background gap={24} />
        <Controls showInteractive={false} position="top-right" />
      </ReactFlow>
      <GraphLegend graph={graph} />
    </Box>
  );
}

function useLayout(graph: Graph): { layout?: Layout; error?: string } {
  const [state, setState] = useState<{ of?: Graph; layout?: Layout; error?: string }>({});
  useEffect(() => {
    let wanted = true;
    layoutOf(graph).then(
      (layout) => {
        if (wanted) setState({ of: graph, layout });
      },
      (error: unknown) => {
        if (wanted) setState({ of: graph, error: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => {
      wanted = false;
    };
  }, [graph]);
  return state.of === graph ? state : {};
}

function nodesOf(
  graph: Graph,
  layout: Layout,
  path: Path,
  selected: string | undefined,
  onSelect: (id: string) => void,
  still: boolean,
): Node<StateData>[] {
  return graph.nodes.map((node) => {
    const { x, y, width, height } = layout.boxes.get(node.id) ?? { x: 0, y: 0, width: 160, height: 50 };
    return {
      id: node.id,
      type: 'state',
      parentId: node.parent,
      position: { x, y },
      width,
      height,
      style: { width, height },
      zIndex: node.kind === 'group' || node.kind === 'branch' ? 0 : 2,
      data: {
        node,
        passed: path.states.get(node.id),
        dimmed: path.states.size > 0 && !path.states.has(node.id),
        selected: selected === node.id,
        still,
        onSelect,
      },
    };
  });
}

function edgesOf(graph: Graph, layout: Layout, path: Path): Edge<LineData>[] {
  return graph.edges.map((edge) => ({
    id: edge.id,
    source: edge.from,
    target: edge.to,
    type: 'line',
    zIndex: path.edges.has(edge.id) ? 2 : 1,
    data: {
      kind: edge.kind,
      text: labelOf(edge),
      points: layout.lines.get(edge.id) ?? [],
      label: layout.labels.get(edge.id),
      taken: path.edges.has(edge.id),
      dimmed: path.states.size > 0 && !path.edges.has(edge.id),
    },
  }));
}
