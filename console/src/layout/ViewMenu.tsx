import { Box, Divider, Typography } from '@mui/material';
import { Menu, useBasename, useSidebarState } from 'react-admin';

import { useMay, useTenant } from '../auth/IdentityContext';
import { NO_TENANT, VIEW_GROUPS, type ViewGroup } from './views';

/** The views that the viewer's role may open, in groups. */
export function ViewMenu() {
  const may = useMay();
  const hasTenant = useTenant() !== NO_TENANT;
  return (
    <Menu sx={{ pt: 0.5, pb: 2 }}>
      {VIEW_GROUPS.map((group) => ({
        ...group,
        views: group.views.filter(({ operation }) => may(operation)),
      }))
        .filter(({ label, views }) => views.length > 0 && (hasTenant || label === 'Platform'))
        .map((group) => (
          <Group key={group.label} {...group} />
        ))}
    </Menu>
  );
}

function Group({ label, views }: ViewGroup) {
  const basename = useBasename();
  const [open] = useSidebarState();
  return (
    <Box role="group" aria-label={label} sx={{ '& + &': { mt: 0.5 } }}>
      {open ? (
        <Typography
          variant="overline"
          component="div"
          aria-hidden
          color="text.secondary"
          sx={{ px: 2, pt: 1, lineHeight: 2 }}
        >
          {label}
        </Typography>
      ) : (
        <Divider sx={{ my: 1 }} />
      )}
      {views.map(({ path, label: name, Icon }) => (
        <Menu.Item key={path} to={`${basename}/${path}`} primaryText={name} leftIcon={<Icon />} />
      ))}
    </Box>
  );
}
