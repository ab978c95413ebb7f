import { TextField } from '@mui/material';

import type { Asked } from './actions';

/** Whether what is asked for must be explained, and is not yet. */
export function lacksComment(asked: Asked, comment: string): boolean {
  return Boolean(asked.acceptViolations) && comment.trim() === '';
}

interface Props {
  asked: Asked;
  comment: string;
  /** What becomes of the comment. */
  about: string;
  onChange: (comment: string) => void;
}

/** Why an action is done; it must be said where violations are accepted. */
export function CommentInput({ asked, comment, about, onChange }: Props) {
  const lacks = lacksComment(asked, comment);
  return (
    <TextField
      label="Comment"
      helperText={lacks ? 'Say why the violations are accepted.' : about}
      value={comment}
      onChange={({ target }) => {
        onChange(target.value);
      }}
      required={Boolean(asked.acceptViolations)}
      error={lacks}
      multiline
      minRows={2}
      slotProps={{ htmlInput: { maxLength: 1000 } }}
    />
  );
}
