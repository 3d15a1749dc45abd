using System.Globalization;
using System.Runtime.InteropServices;
using Tsunagi.Core.Disk;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Disk;

public sealed partial class Data_directory_lock
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

    /// <summary>Between fork and exec a child that another thread starts has every descriptor of the program.</summary>
    [Fact]
    public void Is_free_when_let_go_although_a_copy_of_the_descriptor_lives()
    {
        using var directory = new TemporaryDirectory();
        var held = DataDirectoryLock.Take(directory.Path);
        var own = new DirectoryInfo("/proc/self/fd").GetFiles().Single(file => file.LinkTarget == Path.Combine(directory.Path, "lock"));
        var copy = dup(int.Parse(own.Name, CultureInfo.InvariantCulture));
        try
        {
            Assert.Throws<IOException>(() => DataDirectoryLock.Take(directory.Path));
            held.Dispose();
            DataDirectoryLock.Take(directory.Path).Dispose();
        }
        finally
        {
            _ = close(copy);
        }
    }

    [LibraryImport("libc")]
    private static partial int dup(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
