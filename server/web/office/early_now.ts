// Imported before all else by main.ts, so that it runs before all else.
import { earlyAsk } from './early'

// A link for the first sign-in is nobody's session yet.
if (!location.hash.startsWith('#first=')) earlyAsk(location.pathname)
