import { conditionText, type AslMachine, type AslState } from './asl';

export type NodeKind = 'start' | 'end' | 'state' | 'group' | 'branch';
export type EdgeKind = 'next' | 'choice' | 'default' | 'catch' | 'retry';

/** A state, a group of states (Parallel, Map), one of a group's branches, or where a machine begins and ends. */
export interface GraphNode {
  id: string;
  kind: NodeKind;
  /** The state's name; of a branch its number. */
  name: string;
  /** `Type` of the state. */
  type: string;
  parent?: string;
  state?: AslState;
}

export interface GraphEdge {
  id: string;
  from: string;
  to: string;
  kind: EdgeKind;
  label: string;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export const START = '__start';
export const END = '__end';

/**
 * The drawing of a state machine: parents come before their children. Names of states are unique in a whole machine,
 * so that they serve as ids.
 */
export function graphOf(machine: AslMachine): Graph {
  const graph: Graph = { nodes: [], edges: [] };
  draw(machine, graph, '', undefined);
  return graph;
}

function draw(machine: AslMachine, graph: Graph, scope: string, parent: string | undefined): void {
  const start = scope + START;
  const end = scope + END;
  graph.nodes.push({ id: start, kind: 'start', name: 'Start', type: 'Start', parent });
  graph.edges.push(edge(start, machine.StartAt, 'next'));
  let ends = false;
  for (const [name, state] of Object.entries(machine.States)) {
    drawState(name, state, graph, parent);
    for (const leaving of edgesOf(name, state, end)) {
      ends ||= leaving.to === end;
      graph.edges.push(leaving);
    }
  }
  if (ends) graph.nodes.push({ id: end, kind: 'end', name: 'End', type: 'End', parent });
}

function drawState(name: string, state: AslState, graph: Graph, parent: string | undefined): void {
  const machines =
    state.Branches ?? [state.ItemProcessor ?? state.Iterator].filter((inner) => inner !== undefined);
  const kind = machines.length > 0 ? 'group' : 'state';
  graph.nodes.push({ id: name, kind, name, type: state.Type, parent, state });
  for (const [index, machine] of machines.entries()) {
    const branch = `${name}/${String(index)}`;
    if (state.Branches) {
      const label = `Branch ${String(index + 1)}`;
      graph.nodes.push({ id: branch, kind: 'branch', name: label, type: 'Branch', parent: name });
      draw(machine, graph, `${branch}/`, branch);
    } else {
      draw(machine, graph, `${branch}/`, name);
    }
  }
}

function edgesOf(name: string, state: AslState, end: string): GraphEdge[] {
  const edges: GraphEdge[] = [];
  if (state.Retry && state.Retry.length > 0) {
    edges.push(
      edge(name, name, 'retry', state.Retry.length === 1 ? 'retry' : `${String(state.Retry.length)} retries`),
    );
  }
  for (const [index, choice] of (state.Choices ?? []).entries()) {
    edges.push(edge(name, choice.Next, 'choice', conditionText(choice), index));
  }
  if (state.Default) edges.push(edge(name, state.Default, 'default', 'otherwise'));
  if (state.Next) edges.push(edge(name, state.Next, 'next'));
  if (state.End || state.Type === 'Succeed' || state.Type === 'Fail') edges.push(edge(name, end, 'next'));
  for (const [index, catcher] of (state.Catch ?? []).entries()) {
    edges.push(edge(name, catcher.Next, 'catch', errorsText(catcher.ErrorEquals), index));
  }
  return edges;
}

function edge(from: string, to: string, kind: EdgeKind, label = '', index = 0): GraphEdge {
  return { id: `${from}→${to}:${kind}${String(index)}`, from, to, kind, label };
}

/** Names of errors for a label; all of them go without saying. */
export function errorsText(names: readonly string[]): string {
  if (names.includes('States.ALL')) return 'any error';
  const [first = '', ...more] = names;
  return more.length > 0 ? `${first} +${String(more.length)}` : first;
}
