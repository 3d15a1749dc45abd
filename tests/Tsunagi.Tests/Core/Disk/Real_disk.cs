using Tsunagi.Core.Disk;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Disk;

public sealed class Real_disk : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly RealDisk _disk = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_allocated_file_has_its_length_reads_as_zero_and_can_be_cut_again()
    {
        using var file = _disk.Create(PathOf("file"));
        file.Write(0, "kept"u8);
        file.Allocate(1 << 20);
        Assert.Equal(1 << 20, file.Length);
        var bytes = new byte[8];
        Assert.Equal(8, file.Read(0, bytes));
        Assert.Equal("kept\0\0\0\0"u8.ToArray(), bytes);
        file.BeginWriting(0, 8);
        file.SyncData(SyncPoints.Batch);
        file.Sync(SyncPoints.NewSegment);
        file.Truncate(6);
        Assert.Equal(6, file.Length);
        Assert.Equal(2, file.Read(4, bytes));
        Assert.Equal(0, file.Read(6, bytes));
    }

    [Fact]
    public void Names_are_listed_in_order_and_renaming_replaces()
    {
        _disk.CreateDirectory(PathOf("a/b"));
        _disk.Create(PathOf("a/b/2")).Dispose();
        using (var file = _disk.Create(PathOf("a/b/1")))
        {
            file.Write(0, "new"u8);
        }

        Assert.Equal(["1", "2"], _disk.List(PathOf("a/b")));
        _disk.Rename(PathOf("a/b/1"), PathOf("a/b/2"));
        _disk.SyncDirectory(PathOf("a/b"), SyncPoints.NewSegmentName);
        Assert.Equal(["2"], _disk.List(PathOf("a/b")));
        using (var file = _disk.Open(PathOf("a/b/2"), forWriting: false))
        {
            Assert.Equal(3, file.Length);
        }

        _disk.Delete(PathOf("a/b/2"));
        _disk.Delete(PathOf("a/b/2"));
        Assert.False(_disk.Exists(PathOf("a/b/2")));
        Assert.Empty(_disk.List(PathOf("none")));
    }

    [Fact]
    public void A_name_that_is_taken_is_not_created_again()
    {
        _disk.Create(PathOf("file")).Dispose();
        Assert.Throws<IOException>(() => _disk.Create(PathOf("file")));
    }

    [Fact]
    public void A_directory_that_is_not_there_cannot_be_synced_and_the_error_names_it()
    {
        var failed = Assert.Throws<IOException>(() => _disk.SyncDirectory(PathOf("none"), SyncPoints.BodyName));
        Assert.Contains("none", failed.Message, StringComparison.Ordinal);
        Assert.Contains(SyncPoints.BodyName.Name, failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_device_is_told_apart_from_other_failures()
    {
        using var full = _disk.Open("/dev/full", forWriting: true);
        Assert.Throws<DiskFullException>(() => full.Write(0, "x"u8));
        Assert.True(_disk.FreeBytes(_directory.Path) > 0);
    }

    [Fact]
    public void A_directory_made_for_mail_is_closed_to_others()
    {
        _disk.CreateDirectory(PathOf("spool"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(PathOf("spool")));
    }

    private string PathOf(string name) => Path.Combine(_directory.Path, name);
}
