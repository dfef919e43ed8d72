/** What the list of a menu is drawn with: loaded when the first menu of a page is about to open. */
import '@awesome.me/webawesome/dist/components/divider/divider.js';
import '@awesome.me/webawesome/dist/components/dropdown/dropdown.js';
import '@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js';
import './web-awesome.ts';
