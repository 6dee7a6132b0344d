import {
  Button,
  createTheme,
  Drawer,
  Menu,
  Modal,
  NumberInput,
  Popover,
  Select,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { foldedOptions } from './components/folded-options.ts';

/** Colours and sizes are in styles/tokens.css; here only what components need to be told. */
export const theme = createTheme({
  respectReducedMotion: true,
  autoContrast: false,
  cursorType: 'pointer',
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm' } }),
    // Locking the page's scroll would inject a style element, and the page itself never scrolls.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, centered: true } }),
    Drawer: Drawer.extend({ defaultProps: { lockScroll: false } }),
    Menu: Menu.extend({ defaultProps: { withinPortal: true, shadow: 'md', withInitialFocusPlaceholder: false } }),
    Popover: Popover.extend({ defaultProps: { shadow: 'md' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, withArrow: false } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'sm' } }),
    Select: Select.extend({ defaultProps: { size: 'sm', checkIconPosition: 'right', filter: foldedOptions } }),
    // By name: they are not among what is loaded first.
    MultiSelect: { defaultProps: { filter: foldedOptions } },
    TagsInput: { defaultProps: { filter: foldedOptions } },
    NumberInput: NumberInput.extend({ defaultProps: { size: 'sm' } }),
  },
});
