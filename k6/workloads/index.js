// The workloads by name: TRIPOD_WORKLOAD is one of these. k6 cannot import by a name that it learns at run time.

import * as poc from './poc.js';
import * as quoteView from './quote-view.js';
import * as quote from './quote.js';
import * as staticText from './static.js';

export const workloads = { poc, quote, 'quote-view': quoteView, static: staticText };
