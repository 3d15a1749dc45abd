using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Nodes;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Detect;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Detect;

/// <summary>What is usual, kept over a restart: whole, within its bound, and nothing of a damaged file.</summary>
public sealed class Baseline_file : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly RealDisk _disk = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Is_read_back_as_it_was_written_and_no_further_than_its_bound()
    {
        var baselines = Of(3);
        baselines.Read(Enumerable.Range(0, 3).Select(static number => new BaselineEntry("s_1", $"192.0.{number}.0/24", Learned())));
        File(baselines).Save(new Lock());
        var (whole, bounded) = (Of(3), Of(2));
        File(whole).Load();
        File(bounded).Load();
        Assert.Equal(3, whole.Write().Count);
        Assert.Equal(2, bounded.Write().Count);
        Assert.Equal(baselines.Write().Select(static entry => (entry.Prefix, entry.State.Cells.Count)), whole.Write().Select(static entry => (entry.Prefix, entry.State.Cells.Count)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("""[{"Subscription":null,"Prefix":null,"State":null}]""")]
    [InlineData("""[{"Subscription":"s","Prefix":"192.0.2.0/24","State":{"Cells":null}}]""")]
    [InlineData("""[{"Subscription":"s","Prefix":"192.0.2.0/24","State":{"Cells":[null]}}]""")]
    [InlineData("""[{"Subscription":"s","Prefix":"192.0.2.0/24","State":{"Cells":[{"Cell":1,"Minutes":9,"Medians":null,"Deviations":null}]}}]""")]
    [InlineData("""[{"Subscription":"s","Prefix":"192.0.2.0/24","State":{"Cells":[{"Cell":1,"Minutes":9,"Medians":[1],"Deviations":[1]}]}}]""")]
    [InlineData("""[{"Subscription":"s","Prefix":"192.0.2.0/24","State":{"Cells":[{"Cell":9999,"Minutes":9,"Medians":[],"Deviations":[]}]}}]""")]
    public void That_is_damaged_gives_nothing_and_stops_nothing(string content)
    {
        _disk.ReplaceUnsynced(Path.Combine(_directory.Path, DdosModule.Id, "baselines.json"), Encoding.UTF8.GetBytes(content));
        var baselines = Of(3);
        File(baselines).Load();
        Assert.Empty(baselines.Write());
    }

    private static BaselineState Learned() => new([new BaselineCell(5, 60, new float[TrafficKind.Count], new float[TrafficKind.Count])]);

    private static Baselines Of(int most) => new(new DetectOptions { MaxBaselines = most }, TimeProvider.System);

    private BaselineFile File(Baselines baselines) => new(_disk, new Node("n", "b", _directory.Path), baselines, NullLogger<BaselineFile>.Instance);
}
