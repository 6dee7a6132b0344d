declare module 'aedes-persistence-level/asyncPersistence.js' {
  /** Retained messages, sessions and wills in a level database, as the promise-based persistence that aedes 1.x asks for. */
  export default class LevelPersistence {
    constructor(level: unknown);
  }
}
