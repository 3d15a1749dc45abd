using Tsunagi.Core.Disk;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Mail.Spool;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Chaos;

/// <summary>The short form of the claim mail.chaos, and what its check is worth.</summary>
public sealed class Mail_in_chaos
{
    [Fact]
    public async Task What_was_accepted_was_delivered_returned_held_or_taken_back_in_each_of_these_lives()
    {
        using var directory = new TemporaryDirectory();
        await using var stores = await OpenAsync(directory);
        var (delivered, returned, held, recalled) = (0, 0, 0, 0);
        LifeResult? richest = null;
        for (var seed = 1; seed <= 6; seed++)
        {
            var life = await MailCrashLife.RunInChaosAsync(seed, stores);
            Assert.True(life.Broken is null, life.Broken);
            (delivered, returned, held, recalled) = (delivered + life.Conserved!.Delivered, returned + life.Conserved.Returned, held + life.Conserved.Held, recalled + life.Conserved.Recalled);
            richest = richest?.Conserved!.Delivered > life.Conserved.Delivered ? richest : life;
        }

        Assert.True(delivered > 60 && returned > 10 && held > 10 && recalled > 10, $"{delivered} delivered, {returned} returned, {held} held, {recalled} taken back: the lives prove little");
        AWitnessThatIsTamperedWithIsNoticed(richest!);
    }

    [Fact]
    public async Task Without_the_fsync_of_the_batch_the_check_finds_what_is_missing()
    {
        using var directory = new TemporaryDirectory();
        await using var stores = await OpenAsync(directory);
        var broken = false;
        for (var seed = 1; seed <= 40 && !broken; seed++)
        {
            broken = (await MailCrashLife.RunInChaosAsync(seed, stores, SyncPoints.Batch)).Broken is not null;
        }

        Assert.True(broken, "the check would not notice a missing fsync");
    }

    [Fact]
    public void The_check_shares_no_code_with_the_program()
    {
        var source = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Tsunagi.Tests", "Mail", "Chaos", "ConservationCheck.cs"));
        Assert.DoesNotContain("using Tsunagi", source, StringComparison.Ordinal);
        Assert.DoesNotContain("Tsunagi.Core", source, StringComparison.Ordinal);
        Assert.DoesNotContain("Tsunagi.Mail", source, StringComparison.Ordinal);
    }

    private static void AWitnessThatIsTamperedWithIsNoticed(LifeResult life)
    {
        var (segments, receptions, acknowledged) = life.Evidence;
        ConservationResult Check(IEnumerable<byte[]> journal, IEnumerable<string> log, IEnumerable<string> told) => new ConservationCheck().Check(journal, log, told);
        Assert.True(Check(segments, receptions, acknowledged).Holds);

        // A message that the receiver never got; one that nobody accepted; one that was acknowledged and forgotten.
        var once = receptions.GroupBy(static line => line).First(static group => group.Count() == 1).Key;
        Assert.Contains("nobody received it", Check(segments, receptions.Where(line => line != once), acknowledged).Broken[0], StringComparison.Ordinal);
        Assert.Contains("never accepted it", Check(segments, receptions.Append("m_00000000000000000000000000 b@one.example"), acknowledged).Broken[0], StringComparison.Ordinal);
        Assert.Contains("does not hold it", Check(segments, receptions, acknowledged.Append("m_00000000000000000000000000")).Broken[0], StringComparison.Ordinal);

        // A journal without its end, and one with an octet of an outcome changed.
        Assert.False(Check([], receptions, acknowledged).Holds);
        Assert.False(Check(segments.Select(static segment => segment.AsSpan(0, Math.Min(segment.Length, 5_000)).ToArray()), receptions, acknowledged).Holds);
    }

    private static async Task<Stores> OpenAsync(TemporaryDirectory directory)
    {
        var stores = await Mail_under_crashes.OpenStoresAsync(directory.Path);
        await ChaosWorld.HoldSomeAsync(stores, "t_root/t_one/");
        return stores;
    }
}
