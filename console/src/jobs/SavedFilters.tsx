import Bookmarks from '@mui/icons-material/BookmarkBorder';
import Delete from '@mui/icons-material/DeleteOutline';
import {
  Button,
  Divider,
  IconButton,
  ListItemText,
  ListSubheader,
  Menu,
  MenuItem,
  TextField,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
} from '@mui/material';
import { useState } from 'react';
import { useListContext, useSavedQueries } from 'react-admin';

import { asJobFilter, filterText, PRESETS, type JobFilter } from './filters';

/** Filters by name: what everybody needs, and what the viewer has saved in this browser. */
export function SavedFilters() {
  const { setFilters, filterValues, displayedFilters, sort, perPage } = useListContext();
  const [saved, setSaved] = useSavedQueries('jobs');
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [naming, setNaming] = useState(false);
  const close = () => {
    setAnchor(null);
  };
  const apply = (filter: JobFilter) => {
    setFilters({ ...filter }, displayedFilters);
    close();
  };
  const current = asJobFilter(filterValues as Record<string, unknown>);
  return (
    <>
      <Button
        size="small"
        startIcon={<Bookmarks />}
        aria-haspopup="menu"
        onClick={(event) => {
          setAnchor(event.currentTarget);
        }}
      >
        Saved filters
      </Button>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={close}>
        {PRESETS.map((preset) => (
          <MenuItem
            key={preset.name}
            onClick={() => {
              apply(preset.filter());
            }}
          >
            {preset.name}
          </MenuItem>
        ))}
        {saved.length > 0 && <ListSubheader>Yours</ListSubheader>}
        {saved.map((query, index) => (
          <MenuItem
            key={query.label}
            onClick={() => {
              apply(asJobFilter((query.value.filter ?? {}) as Record<string, unknown>));
            }}
          >
            <ListItemText>{query.label}</ListItemText>
            <IconButton
              size="small"
              edge="end"
              aria-label={`Delete the filter ${query.label}`}
              onClick={(event) => {
                event.stopPropagation();
                setSaved(saved.filter((_, at) => at !== index));
              }}
            >
              <Delete fontSize="small" />
            </IconButton>
          </MenuItem>
        ))}
        <Divider />
        <MenuItem
          disabled={Object.keys(current).length === 0}
          onClick={() => {
            close();
            setNaming(true);
          }}
        >
          Save this filter …
        </MenuItem>
        <MenuItem
          disabled={Object.keys(current).length === 0}
          onClick={() => {
            apply({});
          }}
        >
          Show all jobs
        </MenuItem>
      </Menu>
      {naming && (
        <NameDialog
          about={filterText(current)}
          onClose={() => {
            setNaming(false);
          }}
          onName={(label) => {
            const value = { filter: current, sort, perPage, displayedFilters };
            setSaved([...saved.filter((query) => query.label !== label), { label, value }]);
            setNaming(false);
          }}
        />
      )}
    </>
  );
}

interface NameProps {
  about: string;
  onClose: () => void;
  onName: (name: string) => void;
}

function NameDialog({ about, onClose, onName }: NameProps) {
  const [name, setName] = useState('');
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="save-filter">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onName(name.trim());
        }}
      >
        <DialogTitle id="save-filter">Save this filter</DialogTitle>
        <DialogContent>
          <TextField
            label="Name"
            helperText={about}
            value={name}
            onChange={(event) => {
              setName(event.target.value);
            }}
            fullWidth
            required
            margin="dense"
          />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" variant="contained" disabled={name.trim() === ''}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
