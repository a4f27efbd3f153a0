/** Ids that Amplify would have given to the apps of the examples. */
export const APP_IDS = { rpg: 'd2mgxqlhqfnu3l', realtechee: 'd3realtechee01' } as const;
