import Lost from '@mui/icons-material/TravelExplore';
import { Button } from '@mui/material';
import { Title, useBasename } from 'react-admin';
import { Link, useLocation } from 'react-router-dom';

import { Empty } from '../shared/Empty';

/** An address of no view, or of one that the viewer's role does not open. */
export function NotFound() {
  const basename = useBasename();
  const { pathname } = useLocation();
  return (
    <>
      <Title title="Not found" />
      <Empty
        Icon={Lost}
        title="There is no such view"
        action={
          <Button variant="contained" component={Link} to={`${basename}/`}>
            To the dashboard
          </Button>
        }
      >
        Nothing is at <code>{pathname}</code>, or your role does not open it. The menu shows what there is for
        you.
      </Empty>
    </>
  );
}
