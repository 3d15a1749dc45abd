using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Nodes;

namespace Tsunagi.Ddos.Detect;

/// <summary>Keeps the baselines over a restart, in one file on the node. Not synced: what a power loss takes is learned again.</summary>
internal sealed partial class BaselineFile(IDisk disk, Node node, Baselines baselines, ILogger<BaselineFile> log)
{
    private const int LargestBytes = 512 * 1024 * 1024;

    // What a damaged file leaves out is no null of ours.
    private static readonly JsonSerializerOptions Strict = new() { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    private readonly string _path = Path.Combine(node.DataDirectory, DdosModule.Id, "baselines.json");

    /// <param name="turn">Held while the baselines are read.</param>
    public void Save(Lock turn)
    {
        IReadOnlyList<BaselineEntry> entries;
        lock (turn)
        {
            entries = baselines.Write();
        }

        try
        {
            disk.ReplaceUnsynced(_path, JsonSerializer.SerializeToUtf8Bytes(entries));
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
            if (disk.ReadAtMost(_path, LargestBytes) is { } octets)
            {
                baselines.Read(JsonSerializer.Deserialize<List<BaselineEntry?>>(octets.Span, Strict) ?? []);
            }
        }
        catch (Exception failed) when (failed is IOException or JsonException)
        {
            LogNotRead(log, failed);
        }
    }

    [LoggerMessage(3131, LogLevel.Warning, "what traffic is usual for the prefixes could not be written down; after a restart it is learned again")]
    private static partial void LogNotKept(ILogger log, Exception exception);

    [LoggerMessage(3132, LogLevel.Warning, "what traffic is usual for the prefixes could not be read and is learned again")]
    private static partial void LogNotRead(ILogger log, Exception exception);
}
