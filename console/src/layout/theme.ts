import { defaultDarkTheme, defaultLightTheme, type RaThemeOptions } from 'react-admin';

const shape = { borderRadius: 8 };
const typography = { fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif', fontSize: 14 };

export const lightTheme: RaThemeOptions = {
  ...defaultLightTheme,
  shape,
  typography,
  palette: {
    ...defaultLightTheme.palette,
    mode: 'light',
    primary: { main: '#0b5f7a' },
    secondary: { main: '#0b5f7a' },
    background: { default: '#f4f6f8' },
  },
};

export const darkTheme: RaThemeOptions = {
  ...defaultDarkTheme,
  shape,
  typography,
  palette: {
    ...defaultDarkTheme.palette,
    mode: 'dark',
    primary: { main: '#7cc7dd' },
    secondary: { main: '#7cc7dd' },
    background: { default: '#12181c', paper: '#1a2228' },
  },
};
