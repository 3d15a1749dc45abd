using System.Text.Json;
using Tsunagi.Core.Disk;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>A rule that was lifted must not come back after a power loss, and one that was made must not be forgotten.</summary>
public sealed class Ledger_under_crashes
{
    public static TheoryData<string> SyncPointNames => [.. SyncPoints.OfLedgers.Select(static point => point.Name)];

    [Fact]
    public void What_was_kept_is_there_after_any_power_loss()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            Assert.Null(Live(seed, ignored: null));
        }
    }

    [Theory]
    [MemberData(nameof(SyncPointNames))]
    public void Without_any_one_fsync_it_is_not(string name)
    {
        var ignored = SyncPoints.OfLedgers.Single(point => point.Name == name);
        Assert.Contains(Enumerable.Range(0, 400), seed => Live(seed, ignored) is not null);
    }

    /// <summary>One life: rules come and go until the power goes at a chosen change; then the file is read again. Null when it holds what was kept last, or what was being kept.</summary>
    private static string? Live(int seed, SyncPoint? ignored)
    {
        var random = new Random(seed);
        var disk = new CrashDisk();
        var before = disk.Boot();
        before.CreateDirectory("/data");
        before.SyncDirectory("/", SyncPoints.LogDirectory);
        disk.Ignore(ignored);
        disk.OrderFault(disk.Changes + random.Next(1, 30), CrashDisk.Fault.PowerLoss);
        var file = new LedgerFile(disk.Boot(), "/data/ddos");
        var (kept, trying) = (0, 0);
        try
        {
            while (true)
            {
                trying++;
                file.Write(Content(trying));
                kept = trying;
            }
        }
        catch (IOException)
        {
            disk.LosePower(seed);
        }

        try
        {
            var read = new LedgerFile(disk.Boot(), "/data/ddos").Read().Active.Count;
            return read == kept || read == trying ? null : $"{read} rules and not {kept}";
        }
        catch (JsonException damaged)
        {
            return damaged.Message;
        }
    }

    private static LedgerContent Content(int rules) => new(
        [.. Enumerable.Range(0, rules).Select(static i => new MitigationRow($"mg_{i}", "t/", "t", "s", "blackhole", $"192.0.2.{i}/32", $"b{i}", "r", "", "u", "u", 1, 2, null, "", ""))], []);
}
