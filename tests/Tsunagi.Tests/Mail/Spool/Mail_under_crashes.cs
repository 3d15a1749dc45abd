using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Store;
using Tsunagi.Mail;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Spool;

/// <summary>The short form of the claim mail.power-loss.</summary>
public sealed class Mail_under_crashes
{
    [Fact]
    public async Task No_acknowledged_message_is_lost_in_any_of_these_lives()
    {
        using var directory = new TemporaryDirectory();
        await using var stores = await OpenStoresAsync(directory.Path);
        var acknowledged = 0;
        for (var seed = 1; seed <= 12; seed++)
        {
            var life = await MailCrashLife.RunAsync(seed, stores);
            Assert.True(life.Broken is null, life.Broken);
            Assert.Equal(0, life.Unexplained);
            Assert.InRange(life.Duplicates, 0, life.Crashes * 4);
            acknowledged += life.Acknowledged;
        }

        Assert.True(acknowledged > 100, $"only {acknowledged} messages were acknowledged: the lives prove little");
    }

    [Fact]
    public async Task Without_the_fsync_of_the_batch_some_life_loses_mail()
    {
        using var directory = new TemporaryDirectory();
        await using var stores = await OpenStoresAsync(directory.Path);
        var broken = false;
        for (var seed = 1; seed <= 40 && !broken; seed++)
        {
            broken = (await MailCrashLife.RunAsync(seed, stores, SyncPoints.Batch)).Broken is not null;
        }

        Assert.True(broken, "the lives would not notice a missing fsync");
    }

    internal static Task<Stores> OpenStoresAsync(string directory) =>
        ReadyTables.OpenAsync(new StoreOptions { Directory = directory }, [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, .. new MailModule().Describe().Schema]);
}
