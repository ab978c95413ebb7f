import ELK, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk-api';
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';

import type { Graph, GraphEdge, GraphNode } from './graph';

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  width: number;
  height: number;
}

/** Where everything of a graph goes: boxes relative to their parent's, lines of edges relative to the whole. */
export interface Layout {
  boxes: Map<string, Box>;
  lines: Map<string, Point[]>;
  labels: Map<string, Box>;
  width: number;
  height: number;
}

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.edgeCoords': 'ROOT',
  'elk.layered.spacing.nodeNodeBetweenLayers': '30',
  'elk.spacing.nodeNode': '36',
  'elk.spacing.edgeNode': '22',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '4',
  'elk.spacing.nodeSelfLoop': '14',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.edgeLabels.sideSelection': 'ALWAYS_DOWN',
  'elk.edgeLabels.inline': 'false',
};
const GROUP = { 'elk.padding': '[top=48,left=24,bottom=24,right=24]' };

/** Lays a graph out in a worker of its own, so that the page stays smooth meanwhile. */
export async function layoutOf(graph: Graph): Promise<Layout> {
  // ELK's worker is a classic script that must not be bundled again.
  const worker = new Worker(workerUrl);
  const broken = new Promise<never>((_, reject) => {
    worker.addEventListener('error', () => {
      reject(new Error('the layout could not be loaded'));
    });
  });
  try {
    const elk = new ELK({ workerFactory: () => worker });
    return read(await Promise.race([elk.layout(elkOf(graph)), broken]));
  } finally {
    worker.terminate();
  }
}

export function elkOf(graph: Graph): ElkNode {
  return {
    id: 'root',
    layoutOptions: OPTIONS,
    children: childrenOf(graph, undefined),
    edges: graph.edges.map(elkEdge),
  };
}

function childrenOf(graph: Graph, parent: string | undefined): ElkNode[] {
  return graph.nodes
    .filter((node) => node.parent === parent)
    .map((node) => {
      const children = childrenOf(graph, node.id);
      return children.length > 0
        ? { id: node.id, children, layoutOptions: GROUP }
        : { id: node.id, ...sizeOf(node) };
    });
}

export function sizeOf(node: GraphNode): { width: number; height: number } {
  if (node.kind === 'start' || node.kind === 'end') return { width: 64, height: 28 };
  return { width: Math.max(168, Math.min(300, 76 + node.name.length * 8)), height: 52 };
}

function elkEdge(edge: GraphEdge): ElkExtendedEdge {
  const text = labelOf(edge);
  return {
    id: edge.id,
    sources: [edge.from],
    targets: [edge.to],
    labels: text
      ? [{ id: `${edge.id} label`, text, width: Math.min(220, 10 + text.length * 6.4), height: 16 }]
      : [],
  };
}

/** Catching any error is the rule and drawn by the line alone. */
export function labelOf(edge: GraphEdge): string {
  return edge.kind === 'catch' && edge.label === 'any error' ? '' : edge.label;
}

function read(root: ElkNode): Layout {
  const layout: Layout = {
    boxes: new Map(),
    lines: new Map(),
    labels: new Map(),
    width: root.width ?? 0,
    height: root.height ?? 0,
  };
  visit(root, layout);
  return layout;
}

function visit(node: ElkNode, layout: Layout): void {
  for (const child of node.children ?? []) {
    layout.boxes.set(child.id, boxOf(child));
    visit(child, layout);
  }
  for (const edge of node.edges ?? []) {
    const [section] = edge.sections ?? [];
    if (section) {
      layout.lines.set(edge.id, [section.startPoint, ...(section.bendPoints ?? []), section.endPoint]);
    }
    const [label] = edge.labels ?? [];
    if (label) layout.labels.set(edge.id, boxOf(label));
  }
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  return { x, y, width, height };
}

/** An SVG path along points, with round corners. */
export function roundedPath(points: readonly Point[], radius = 8): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M ${at(first)}`;
  for (const [index, corner] of rest.entries()) {
    const before = points[index] ?? corner;
    const after = rest[index + 1];
    if (!after) path += ` L ${at(corner)}`;
    else
      path += ` L ${at(towards(corner, before, radius))} Q ${at(corner)} ${at(towards(corner, after, radius))}`;
  }
  return path;
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(distance, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function at({ x, y }: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
