/* folder.c - floor 1: see folder.h.
 * Happy path: the folder is opened for reading and synced. Failure: QM_E_IO for one that is not
 * there, is no folder, or that the disk could not keep.
 */
#include "base/folder.h"

#include <fcntl.h>
#include <unistd.h>

qm_err qm_folder_sync(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return QM_E_IO;
    qm_err err = fsync(fd) == 0 ? QM_OK : QM_E_IO;
    (void)close(fd);
    return err;
}
