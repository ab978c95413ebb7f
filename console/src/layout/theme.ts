import type { CheckboxProps } from '@mui/material';
import { alpha, type PaletteOptions } from '@mui/material/styles';
import { defaultDarkTheme, defaultLightTheme, type RaThemeOptions } from 'react-admin';

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';

/** Colours of text and states have a contrast of 4.5 : 1 and more on both backgrounds. */
const LIGHT: PaletteOptions = {
  mode: 'light',
  primary: { main: '#0b5f7a', contrastText: '#fff' },
  secondary: { main: '#0b5f7a', contrastText: '#fff' },
  success: { main: '#1b6e34' },
  info: { main: '#0a5cad' },
  warning: { main: '#8a5300' },
  error: { main: '#b3261e' },
  text: { primary: '#17212b', secondary: '#51606d' },
  divider: '#dde3e8',
  background: { default: '#f5f7f9', paper: '#ffffff' },
};

const DARK: PaletteOptions = {
  mode: 'dark',
  primary: { main: '#7cc7dd', contrastText: '#06222c' },
  secondary: { main: '#7cc7dd', contrastText: '#06222c' },
  success: { main: '#79cf91' },
  info: { main: '#82b8f2' },
  warning: { main: '#eeb35c' },
  error: { main: '#f2958d' },
  text: { primary: '#e6ecf0', secondary: '#a3b1bc' },
  divider: '#2c3942',
  background: { default: '#10171b', paper: '#182127' },
};

/** react-admin names the element around a row's checkbox; assistive technology reads the input's name. */
const NAMED_INPUT: CheckboxProps['slotProps'] = {
  root: { 'aria-label': undefined },
  input: (state) => ({ 'aria-label': (state as CheckboxProps)['aria-label'] }),
};

export const lightTheme = themeOf(defaultLightTheme, LIGHT, '#0b5f7a');
export const darkTheme = themeOf(defaultDarkTheme, DARK, '#7cc7dd');

function themeOf(base: RaThemeOptions, palette: PaletteOptions, accent: string): RaThemeOptions {
  const divider = String(palette.divider);
  const paper = String(palette.background?.paper);
  const quiet = String(palette.text?.secondary);
  return {
    ...base,
    palette,
    shape: { borderRadius: 8 },
    sidebar: { width: 216, closedWidth: 50 },
    typography: {
      fontFamily: FONT,
      fontSize: 14,
      h6: { fontWeight: 600, fontSize: '1.05rem' },
      overline: { fontWeight: 600, fontSize: '0.7rem', letterSpacing: '0.06em' },
      button: { textTransform: 'none', fontWeight: 600 },
    },
    components: {
      ...base.components,
      MuiPaper: { styleOverrides: { root: { backgroundImage: 'none' } } },
      MuiCard: { defaultProps: { variant: 'outlined' } },
      MuiAlert: { styleOverrides: { message: { overflowWrap: 'anywhere' } } },
      MuiButtonBase: {
        styleOverrides: {
          root: { '&.Mui-focusVisible': { outline: `2px solid ${accent}`, outlineOffset: 1 } },
        },
      },
      MuiToggleButton: { styleOverrides: { root: { color: quiet } } },
      MuiFormHelperText: { styleOverrides: { root: { '&.Mui-disabled': { color: quiet } } } },
      MuiCheckbox: { defaultProps: { slotProps: NAMED_INPUT } },
      MuiLink: { defaultProps: { underline: 'hover' } },
      MuiTooltip: { defaultProps: { arrow: true, enterDelay: 400 } },
      MuiTableCell: {
        styleOverrides: {
          root: { borderColor: divider, '&.MuiTableCell-paddingCheckbox': { padding: '0 8px' } },
          head: { fontWeight: 600, color: quiet, backgroundColor: paper },
        },
      },
      RaAppBar: {
        styleOverrides: {
          root: {
            backgroundColor: paper,
            color: String(palette.text?.primary),
            borderBottom: `1px solid ${divider}`,
            '& .RaAppBar-toolbar': { paddingLeft: 8, paddingRight: 12 },
          },
        },
      },
      RaLayout: {
        styleOverrides: {
          // Wide tables scroll in themselves; the page does not.
          root: {
            minWidth: 0,
            '& .RaLayout-contentWithSidebar': { minWidth: 0 },
            '& .RaLayout-content': { minWidth: 0, padding: '12px 20px 24px' },
            '@media (max-width: 599px)': { '& .RaLayout-content': { padding: '8px 8px 24px' } },
          },
        },
      },
      RaList: {
        styleOverrides: {
          root: {
            '& .RaList-main': { minWidth: 0 },
            '& .RaList-content': { minWidth: 0, overflowX: 'auto' },
          },
        },
      },
      RaEdit: { styleOverrides: { root: { '& .RaEdit-main, & .RaEdit-card': { minWidth: 0 } } } },
      RaSidebar: {
        styleOverrides: {
          root: {
            '& .MuiPaper-root': { backgroundColor: paper },
            '&.MuiDrawer-docked': { borderRight: `1px solid ${divider}`, backgroundColor: paper },
          },
        },
      },
      RaMenuItemLink: {
        styleOverrides: {
          root: {
            color: quiet,
            margin: '1px 6px',
            padding: '5px 10px',
            borderRadius: 6,
            fontSize: 14,
            '& .RaMenuItemLink-icon': { minWidth: 32, color: 'inherit' },
            '& .MuiSvgIcon-root': { fontSize: 20 },
            '&.RaMenuItemLink-active': {
              color: accent,
              fontWeight: 600,
              backgroundColor: alpha(accent, palette.mode === 'dark' ? 0.14 : 0.09),
            },
          },
        },
      },
    },
  };
}
