import { durationText } from './formats';

/** Milliseconds for people, exact on hover. */
export function Duration({ milliseconds }: { milliseconds: number | null | undefined }) {
  if (milliseconds === null || milliseconds === undefined) return <span aria-label="not known">–</span>;
  return (
    <span title={`${(milliseconds / 1000).toLocaleString()} s`} style={{ whiteSpace: 'nowrap' }}>
      {durationText(milliseconds)}
    </span>
  );
}
