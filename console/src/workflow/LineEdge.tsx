import { EdgeLabelRenderer, type Edge, type EdgeProps } from '@xyflow/react';
import { Box, useTheme, type Theme } from '@mui/material';

import type { EdgeKind } from './graph';
import { roundedPath, type Box as Place, type Point } from './layout';

export type LineData = Record<string, unknown> & {
  kind: EdgeKind;
  text: string;
  points: Point[];
  label: Place | undefined;
  taken: boolean;
  dimmed: boolean;
};

/** How the kinds of edges are told from each other without colour. */
export const DASHES: Record<EdgeKind, string | undefined> = {
  next: undefined,
  choice: undefined,
  default: '10 4',
  catch: '6 4',
  retry: '2 4',
};

export function strokeOf(kind: EdgeKind, theme: Theme): string {
  if (kind === 'catch') return theme.palette.error.main;
  if (kind === 'retry') return theme.palette.warning.main;
  if (kind === 'choice' || kind === 'default') return theme.palette.secondary.main;
  return theme.palette.text.secondary;
}

/** An edge along the line that the layout has found for it. */
export function LineEdge({ id, data }: EdgeProps<Edge<LineData>>) {
  const theme = useTheme();
  if (!data || data.points.length < 2) return null;
  const color = data.taken && data.kind !== 'catch' ? theme.palette.primary.main : strokeOf(data.kind, theme);
  return (
    <>
      <path
        d={roundedPath(data.points)}
        fill="none"
        stroke={color}
        strokeWidth={data.taken ? 3 : 1.4}
        strokeDasharray={DASHES[data.kind]}
        opacity={data.dimmed ? 0.45 : 1}
        data-edge={id}
        data-taken={data.taken}
      />
      <Arrow points={data.points} color={color} dimmed={data.dimmed} />
      {data.text && data.label && (
        <EdgeLabelRenderer>
          <Box
            title={data.text}
            sx={{
              position: 'absolute',
              left: data.label.x,
              top: data.label.y,
              maxWidth: Math.max(data.label.width, 60),
              px: 0.5,
              fontSize: 11,
              lineHeight: '16px',
              whiteSpace: 'nowrap',
              overflow: 'hidden',
              textOverflow: 'ellipsis',
              color: data.dimmed ? 'text.secondary' : 'text.primary',
              bgcolor: 'background.default',
              borderRadius: 0.5,
              pointerEvents: 'all',
              fontWeight: data.taken ? 700 : 400,
            }}
          >
            {data.text}
          </Box>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

function Arrow({ points, color, dimmed }: { points: Point[]; color: string; dimmed: boolean }) {
  const tip = points[points.length - 1];
  const before = points[points.length - 2];
  if (!tip || !before) return null;
  const angle = (Math.atan2(tip.y - before.y, tip.x - before.x) * 180) / Math.PI;
  return (
    <path
      d="M -8,-4.5 L 0,0 L -8,4.5 Z"
      fill={color}
      opacity={dimmed ? 0.45 : 1}
      transform={`translate(${String(tip.x)},${String(tip.y)}) rotate(${String(angle)})`}
    />
  );
}
