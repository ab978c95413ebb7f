import { CssBaseline } from '@mui/material';
import { StoreContextProvider, ThemeProvider, ThemesContext } from 'react-admin';
import type { ReactNode } from 'react';

import { store } from './store';
import { darkTheme, lightTheme } from './theme';

const THEMES = { lightTheme, darkTheme };

/** The console's theme, light or dark as the viewer chose, for pages outside of a tenant. */
export function Themed({ children }: { children: ReactNode }) {
  return (
    <StoreContextProvider value={store}>
      <ThemesContext.Provider value={THEMES}>
        <ThemeProvider>
          <CssBaseline enableColorScheme />
          {children}
        </ThemeProvider>
      </ThemesContext.Provider>
    </StoreContextProvider>
  );
}
