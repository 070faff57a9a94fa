// The addresses of the API as one pattern, for service workers that leave them to the network.
export const API_PATHS = '/v1/*'
