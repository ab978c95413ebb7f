import Copy from '@mui/icons-material/ContentCopy';
import { Box, IconButton, Tooltip } from '@mui/material';
import { useState } from 'react';

interface Props {
  value: unknown;
  /** What it is, for screen readers: "Input of Validate". */
  label: string;
  maxHeight?: number | string;
}

/** A value as indented JSON, to read and to copy. */
export function Json({ value, label, maxHeight = 400 }: Props) {
  const text = JSON.stringify(value, null, 2) ?? 'undefined';
  return (
    <Box sx={{ position: 'relative' }}>
      <CopyButton text={text} label={label} />
      <Box
        component="pre"
        tabIndex={0}
        role="region"
        aria-label={label}
        sx={{
          m: 0,
          p: 1.5,
          pr: 6,
          maxHeight,
          overflow: 'auto',
          borderRadius: 1,
          border: 1,
          borderColor: 'divider',
          bgcolor: 'background.default',
          fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
          fontSize: 12.5,
          lineHeight: 1.5,
        }}
      >
        {text}
      </Box>
    </Box>
  );
}

function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    });
  };
  return (
    <Tooltip title={copied ? 'Copied' : 'Copy'}>
      <IconButton
        size="small"
        onClick={copy}
        aria-label={`Copy ${label}`}
        sx={{ position: 'absolute', top: 4, right: 8, zIndex: 1, bgcolor: 'background.paper' }}
      >
        <Copy fontSize="small" />
      </IconButton>
    </Tooltip>
  );
}
