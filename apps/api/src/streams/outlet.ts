/** One open connection that ready frames are written to. */
export interface Outlet {
  /** Writes without waiting. A connection that is too far behind is destroyed instead: its reader resumes by id. */
  write(chunk: Uint8Array): void
  /** Resolves once there is room to write on without falling behind, or the connection is gone. */
  drained(): Promise<void>
  isClosed(): boolean
  /** Calls back once, when the connection is gone for whatever reason. */
  onClose(closed: () => void): void
  destroy(): void
}

/**
 * Bytes a reader may be behind. Less cuts off a page that slept for a moment; more is paid for by the server, for each
 * of its streams.
 */
export const maxBehind = 1 << 20
