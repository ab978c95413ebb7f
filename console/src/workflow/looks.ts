import AltRoute from '@mui/icons-material/AltRoute';
import CallSplit from '@mui/icons-material/CallSplit';
import CheckCircle from '@mui/icons-material/CheckCircleOutline';
import Error from '@mui/icons-material/ErrorOutline';
import HourglassEmpty from '@mui/icons-material/HourglassEmpty';
import Functions from '@mui/icons-material/Settings';
import PendingActions from '@mui/icons-material/PendingActions';
import Repeat from '@mui/icons-material/Repeat';
import Forward from '@mui/icons-material/ArrowForward';
import type { SvgIconComponent } from '@mui/icons-material';
import type { Theme } from '@mui/material';

import type { GraphNode } from './graph';
import type { Passed, Progress } from './path';
import { between, durationText } from '../shared/formats';

const ICONS: Record<string, SvgIconComponent> = {
  Task: Functions,
  Choice: AltRoute,
  Parallel: CallSplit,
  Map: Repeat,
  Wait: HourglassEmpty,
  Pass: Forward,
  Succeed: CheckCircle,
  Fail: Error,
};

export function iconOf(node: GraphNode): SvgIconComponent {
  if (node.state?.Resource?.endsWith('.waitForTaskToken')) return PendingActions;
  return ICONS[node.type] ?? Functions;
}

export function colorOf(progress: Progress | undefined, theme: Theme): string {
  if (progress === 'succeeded') return theme.palette.success.main;
  if (progress === 'failed') return theme.palette.error.main;
  if (progress === 'caught') return theme.palette.error.main;
  if (progress === 'running') return theme.palette.info.main;
  if (progress === 'stopped') return theme.palette.warning.main;
  return theme.palette.divider;
}

const WORDS: Record<Progress, string> = {
  running: 'running now',
  succeeded: 'succeeded',
  failed: 'failed',
  caught: 'failed, and was caught',
  stopped: 'stopped',
};

export function progressText(passed: Passed | undefined): string {
  return passed ? WORDS[passed.progress] : 'not entered';
}

/** What a node says below its name: how long, and how often. */
export function summaryOf(node: GraphNode, passed: Passed | undefined): string {
  if (!passed) return typeText(node);
  const parts = [];
  const took = between(passed.enteredAt, passed.exitedAt);
  if (passed.progress === 'running') parts.push('now');
  else if (took !== undefined) parts.push(durationText(took));
  if (passed.entered > 1) parts.push(`${String(passed.entered)} ×`);
  if (passed.attempts > passed.entered) parts.push(`${String(passed.attempts)} tries`);
  return parts.join(' · ') || typeText(node);
}

/** The type of a state, and of which kind its task is. */
export function typeText({ type, state }: GraphNode): string {
  if (state?.Resource?.endsWith('.waitForTaskToken')) return 'Task, waits for a token';
  return type;
}
