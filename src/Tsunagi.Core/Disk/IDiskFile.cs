namespace Tsunagi.Core.Disk;

/// <summary>An open file, addressed by offset; safe for many readers beside one writer.</summary>
public interface IDiskFile : IDisposable
{
    long Length { get; }

    /// <summary>Writes all bytes at the offset, extending the file when needed. Not durable before a sync.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Reads up to the length of <paramref name="into"/>; fewer only at the end of the file.</summary>
    int Read(long offset, Span<byte> into);

    /// <summary>Reserves blocks for the first <paramref name="length"/> bytes and makes the file that long; new bytes read as zero.</summary>
    void Allocate(long length);

    void Truncate(long length);

    /// <summary>Asks the kernel to begin writing these bytes out, so that the sync that follows has less to do. Promises nothing.</summary>
    void BeginWriting(long offset, long length);

    /// <summary>fdatasync: the bytes, and what is needed to read them back.</summary>
    void SyncData(SyncPoint why);

    /// <summary>fsync: the bytes and every attribute of the file, its length included.</summary>
    void Sync(SyncPoint why);
}
