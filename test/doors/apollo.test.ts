import { apolloDoor } from './apollo-door.js';
import { describeDoor } from './battery.js';
import { createSdlSchema } from './sdl-schema.js';

describeDoor({ ...apolloDoor, name: 'Apollo Server with SDL' }, createSdlSchema);
