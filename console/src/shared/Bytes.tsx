import { sizeText } from './formats';

/** A size for people, exact on hover. */
export function Bytes({ size }: { size: number | null | undefined }) {
  if (size === null || size === undefined) return <span aria-label="unknown">–</span>;
  return (
    <span title={`${size.toLocaleString()} bytes`} style={{ whiteSpace: 'nowrap' }}>
      {sizeText(size)}
    </span>
  );
}
