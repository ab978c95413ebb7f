import { useTheme } from '@mui/material';
import type { ReactNode } from 'react';

import { labelEvery } from './scale';
import type { ChartData } from './Chart';

export const HEIGHT = 168;
const LEFT = 62;
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 22;

interface Props {
  data: ChartData;
  top: number;
  width: number;
  pointed: number | undefined;
  onPoint: (index: number | undefined) => void;
}

interface Area {
  x: (index: number) => number;
  y: (value: number) => number;
  step: number;
}

/** The drawing of a chart. It is one picture to a screen reader: the numbers are in the table beside it. */
export function Plot({ data, top, width, pointed, onPoint }: Props) {
  const { palette } = useTheme();
  const { labels, kind } = data;
  const step = (width - LEFT - RIGHT) / Math.max(1, labels.length);
  const area: Area = {
    x: (index) => LEFT + index * step,
    y: (value) => TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM),
    step,
  };
  const every = labelEvery(labels.length, width - LEFT - RIGHT, 52);
  const text = { fill: palette.text.secondary, fontSize: 11 };
  return (
    <svg
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={data.summary}
      onPointerLeave={() => {
        onPoint(undefined);
      }}
      onPointerMove={(event) => {
        const at = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
        const index = Math.floor(at / step);
        onPoint(index >= 0 && index < labels.length ? index : undefined);
      }}
    >
      {[0, top / 2, top].map((value) => (
        <g key={value}>
          <line
            x1={LEFT}
            x2={width - RIGHT}
            y1={area.y(value)}
            y2={area.y(value)}
            stroke={palette.divider}
            shapeRendering="crispEdges"
          />
          <text {...text} x={LEFT - 8} y={area.y(value) + 4} textAnchor="end">
            {value === 0 ? '0' : data.format(value)}
          </text>
        </g>
      ))}
      {pointed !== undefined && (
        <rect
          x={area.x(pointed)}
          y={TOP}
          width={step}
          height={HEIGHT - TOP - BOTTOM}
          fill={palette.action.hover}
        />
      )}
      {kind === 'columns' ? columns(data, area) : lines(data, area)}
      {labels.map(
        (label, index) =>
          index % every === 0 && (
            <text key={index} {...text} x={area.x(index) + step / 2} y={HEIGHT - 6} textAnchor="middle">
              {label}
            </text>
          ),
      )}
    </svg>
  );
}

function columns({ labels, series }: ChartData, { x, y, step }: Area): ReactNode {
  const gap = step > 6 ? Math.min(8, step * 0.2) : 0.5;
  return labels.map((_, index) => {
    let below = 0;
    return series.map(({ name, color, values }) => {
      const value = values[index] ?? 0;
      if (value === 0) return null;
      // What is there is seen, however little it is beside the rest.
      const height = Math.max(1.5, y(below) - y(below + value));
      const bottom = y(below);
      below += value;
      return (
        <rect
          key={`${name} ${String(index)}`}
          x={x(index) + gap / 2}
          y={bottom - height}
          width={Math.max(1, step - gap)}
          height={height}
          fill={color}
          rx={Math.min(1.5, step / 4)}
        />
      );
    });
  });
}

function lines({ series }: ChartData, { x, y, step }: Area): ReactNode {
  return series.map(({ name, color, values, dash }) => {
    const points = values.map((value, index) =>
      value === null ? null : ([x(index) + step / 2, y(value)] as const),
    );
    return (
      <g key={name} stroke={color} fill="none">
        <path d={pathOf(points)} strokeWidth={2} strokeDasharray={dash} strokeLinejoin="round" />
        {points.map(
          (point, index) =>
            point && <circle key={index} cx={point[0]} cy={point[1]} r={2.5} fill={color} stroke="none" />,
        )}
      </g>
    );
  });
}

/** A line with gaps where nothing was measured. */
function pathOf(points: readonly (readonly [number, number] | null)[]): string {
  let pen = 'M';
  const parts: string[] = [];
  for (const point of points) {
    if (point) parts.push(`${pen}${point[0].toFixed(1)},${point[1].toFixed(1)}`);
    pen = point ? 'L' : 'M';
  }
  return parts.join('');
}
