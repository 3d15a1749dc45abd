using Tsunagi.Core.Disk;
using Tsunagi.Core.Secrets;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Core.Secrets;

/// <summary>A master key that wrapped something must survive the loss of power, or all it protects is lost with it.</summary>
public sealed class Key_files_under_crashes
{
    private const string File = "/data/keys/master.json";

    public static TheoryData<string> SyncPointNames => [.. SyncPoints.OfKeys.Select(point => point.Name)];

    [Fact]
    public void No_key_that_was_used_is_lost_at_any_power_loss()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            Assert.Null(Live(seed, ignored: null));
        }
    }

    [Theory]
    [MemberData(nameof(SyncPointNames))]
    public void Without_any_one_fsync_a_key_is_lost(string name)
    {
        var ignored = SyncPoints.OfKeys.Single(point => point.Name == name);
        Assert.Contains(Enumerable.Range(0, 400), seed => Live(seed, ignored) is not null);
    }

    /// <summary>One life: keys are made and rotated until the power goes at a chosen change; then the file is opened again. Null when every promise held.</summary>
    private static string? Live(int seed, SyncPoint? ignored)
    {
        var random = new Random(seed);
        var disk = new CrashDisk();
        var before = disk.Boot();
        before.CreateDirectory("/data");
        before.SyncDirectory("/", SyncPoints.LogDirectory);
        disk.Ignore(ignored);
        disk.OrderFault(disk.Changes + random.Next(1, 30), CrashDisk.Fault.PowerLoss);
        var used = new List<string>();
        var time = new ManualTime();
        try
        {
            var masters = MasterKeys.Open(disk.Boot(), File, time);
            used.Add(masters.ActiveId);
            while (true)
            {
                masters.AddActive();
                used.Add(masters.ActiveId);
            }
        }
        catch (IOException)
        {
            disk.LosePower(seed);
        }

        try
        {
            var after = MasterKeys.Open(disk.Boot(), File, time);
            return used.FirstOrDefault(id => !after.Has(id)) is { } lost ? $"key {used.IndexOf(lost)} of {used.Count} is gone" : null;
        }
        catch (SecretsException damaged)
        {
            return damaged.Message;
        }
    }
}
