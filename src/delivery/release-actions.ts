/** Actions of other repositories, by the commit of a release: a tag can be moved to other code, a commit cannot. */
export interface PinnedAction {
  readonly uses: string;
  /** The release that the commit is. */
  readonly release: string;
}

export const ACTIONS = {
  /** @see https://github.com/actions/cache */
  cache: { uses: 'actions/cache@27d5ce7f107fe9357f9df03efb73ab90386fccae', release: 'v5.0.5' },
  /** @see https://github.com/actions/checkout */
  checkout: { uses: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1', release: 'v7.0.1' },
  /** @see https://github.com/actions/setup-node */
  setupNode: { uses: 'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020', release: 'v7.0.0' },
  /** @see https://github.com/actions/upload-artifact */
  uploadArtifact: { uses: 'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f', release: 'v7.0.0' },
  /** @see https://github.com/actions/download-artifact */
  downloadArtifact: { uses: 'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c', release: 'v8.0.1' },
  /** @see https://github.com/aws-actions/configure-aws-credentials */
  awsCredentials: { uses: 'aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c', release: 'v6.2.3' },
};
