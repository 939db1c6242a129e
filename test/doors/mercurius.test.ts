import { describeDoor } from './battery.js';
import { mercuriusDoor, mercuriusSocketDoor } from './mercurius-door.js';
import { createSdlSchema } from './sdl-schema.js';

describeDoor(mercuriusDoor('Mercurius'), createSdlSchema);
describeDoor(mercuriusDoor('Mercurius with its JIT compiler', { jit: 1 }), createSdlSchema);
describeDoor(mercuriusSocketDoor, createSdlSchema);
