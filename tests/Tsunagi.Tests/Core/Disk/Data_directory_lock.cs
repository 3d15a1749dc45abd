using Tsunagi.Core.Disk;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Disk;

public sealed class Data_directory_lock
{
    [Fact]
    public void Is_held_by_one_and_names_the_holder_to_the_next()
    {
        using var directory = new TemporaryDirectory();
        using (DataDirectoryLock.Take(directory.Path))
        {
            var refused = Assert.Throws<IOException>(() => DataDirectoryLock.Take(directory.Path));
            Assert.Contains(directory.Path, refused.Message, StringComparison.Ordinal);
            Assert.Contains($"{Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        }

        DataDirectoryLock.Take(directory.Path).Dispose();
    }
}
