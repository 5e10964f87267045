/** A program that git has files of some paths go through, by its name in attributes, and the settings that say what it is. */
export interface FilterDriver {
  readonly name: string
  /** Settings of git by name: those of the driver itself, and of Git LFS its extensions and transfers, which are programs it starts in turn, and where it keeps content. */
  readonly settings: Readonly<Record<string, string>>
}

/** The settings that `findDrivers` wants, as git takes it for a pattern. */
export const DRIVER_SETTINGS = String.raw`filter\..*\.(clean|smudge|process|required)|lfs\.extension\..*|lfs\.customtransfer\..*|lfs\.(.*\.)?standalonetransferagent|lfs\.storage`

/** Finds the drivers that a program is set for, by name. One whose programs are all blank is none, as for git. */
export function findDrivers(settings: ReadonlyMap<string, string>): ReadonlyMap<string, FilterDriver> {
  const ofLfs = [...settings].filter(([key]) => key.startsWith('lfs.'))
  const drivers = new Map<string, FilterDriver>()
  for (const [key, value] of settings) {
    const [, name] = PROGRAM.exec(key) ?? []
    if (name === undefined || value === '' || drivers.has(name)) continue
    const own = [...settings].filter(([each]) => each.slice(0, each.lastIndexOf('.')) === `filter.${name}`)
    drivers.set(name, { name, settings: Object.fromEntries([...own, ...ofLfs]) })
  }
  return drivers
}

/** A name may be empty: git takes `filter=` in attributes for that one. */
const PROGRAM = /^filter\.(.*)\.(?:clean|smudge|process)$/s

/** Returns the settings that name a program to be run, and the command line of each. */
export function commandsOf({ settings }: FilterDriver): readonly (readonly [key: string, command: string])[] {
  return Object.entries(settings).filter(([key, value]) => /\.(?:clean|smudge|process)$/.test(key) && value !== '')
}

/** Returns settings by which Git LFS starts none of the programs that would bring content from elsewhere. */
export function blankTransfers({ settings }: FilterDriver): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(settings).flatMap((key) => (key.endsWith('.standalonetransferagent') ? [[key, '']] : key.startsWith('lfs.customtransfer.') && key.endsWith('.path') ? [[key, 'false']] : [])))
}

/** Returns settings by which git runs no program of a driver: files go through as they are. */
export function blankDriver(name: string): Readonly<Record<string, string>> {
  return { [`filter.${name}.clean`]: '', [`filter.${name}.smudge`]: '', [`filter.${name}.process`]: '', [`filter.${name}.required`]: 'false' }
}

/** Returns settings by which git cannot store or write any file of a driver, and says so. */
export function failDriver(name: string): Readonly<Record<string, string>> {
  return { ...blankDriver(name), [`filter.${name}.clean`]: 'false', [`filter.${name}.smudge`]: 'false', [`filter.${name}.required`]: 'true' }
}
