using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Nodes;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Collect;

/// <summary>
/// Keeps templates and sampling rates over a restart, in one small file: count, then for each exporter its name and its state, then a checksum. It is
/// not synced: what a power loss takes, the exporters tell again. A damaged file is left alone and told.
/// </summary>
internal sealed partial class ExporterMemory(IDisk disk, Node node, ExporterTable exporters, ILogger<ExporterMemory> log)
{
    private const int LargestBytes = 256 * 1024 * 1024;

    private readonly string _path = Path.Combine(node.DataDirectory, DdosModule.Id, "exporters");

    /// <param name="turn">Held while the state of an exporter is read: nothing is decoded meanwhile.</param>
    public void Save(Lock turn)
    {
        try
        {
            var output = new ArrayBufferWriter<byte>();
            lock (turn)
            {
                foreach (var exporter in exporters.All)
                {
                    Write(output, exporter);
                }
            }

            Number(output, Sum(output.WrittenSpan));
            disk.ReplaceUnsynced(_path, output.WrittenSpan);
        }
        catch (IOException failed)
        {
            LogNotKept(log, failed);
        }
    }

    public void Load()
    {
        try
        {
            if (disk.ReadAtMost(_path, LargestBytes) is { } octets && !TryRead(octets.Span))
            {
                LogDamaged(log, _path);
            }
        }
        catch (IOException failed)
        {
            LogNotRead(log, failed);
        }
    }

    internal bool TryRead(ReadOnlySpan<byte> octets)
    {
        if (octets.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(octets[^4..]) != Sum(octets[..^4]))
        {
            return false;
        }

        var rest = octets[..^4];
        while (!rest.IsEmpty)
        {
            if (!TryPart(ref rest, out var name) || !TryPart(ref rest, out var state) || !ExporterKey.TryParse(Encoding.UTF8.GetString(name), out var key)
                || !ExporterState.TryRead(state, null, out var exporter))
            {
                return false;
            }

            exporters.Restore(key, exporter);
        }

        return true;
    }

    private static void Write(ArrayBufferWriter<byte> output, Exporter exporter)
    {
        var state = new ArrayBufferWriter<byte>();
        ExporterState.Write(exporter.State, state);
        Part(output, Encoding.UTF8.GetBytes(exporter.Key.ToString()));
        Part(output, state.WrittenSpan);
    }

    private static void Part(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> octets)
    {
        Number(output, (uint)octets.Length);
        output.Write(octets);
    }

    private static bool TryPart(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (rest.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(rest) is var length && length > rest.Length - 4)
        {
            return false;
        }

        part = rest.Slice(4, (int)length);
        rest = rest[(4 + (int)length)..];
        return true;
    }

    private static uint Sum(ReadOnlySpan<byte> octets) => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(octets));

    private static void Number(ArrayBufferWriter<byte> output, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    [LoggerMessage(3101, LogLevel.Warning, "templates and sampling rates could not be written down; after a restart flows wait for the exporters' next templates")]
    private static partial void LogNotKept(ILogger log, Exception exception);

    [LoggerMessage(3102, LogLevel.Warning, "templates and sampling rates could not be read; flows wait for the exporters' next templates")]
    private static partial void LogNotRead(ILogger log, Exception exception);

    [LoggerMessage(3103, LogLevel.Warning, "the file {File} of templates and sampling rates is damaged and was not used")]
    private static partial void LogDamaged(ILogger log, string file);
}
