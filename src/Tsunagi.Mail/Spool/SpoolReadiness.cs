using Tsunagi.Core.Nodes;

namespace Tsunagi.Mail.Spool;

/// <summary>Whether the node's spool takes new mail: a node whose spool does not should get no new connections.</summary>
internal sealed class SpoolReadiness(MailSpool spool) : IReadiness
{
    private const string Closed = "mail.spool.closed";
    private const string Paused = "mail.spool.paused";

    public static readonly IReadOnlyList<ReadinessDeclaration> All =
    [
        new(Closed, new("The mail spool is closed after a failed write: new mail is put off (451), nothing accepted is lost.", "書き込みに失敗したため、メールスプールを閉じました。新着は一時拒否(451)となり、受付済みのメールは失われません。"),
            new("Look at the disk, then start the program again.", "ディスクを確認し、プログラムを再起動してください。")),
        new(Paused, new("The mail spool takes no new mail for now (452); what it holds is delivered.", "メールスプールの受付を一時停止しています(452)。保管中のメールの配送は続きます。"),
            new("Make room on the disk, or bring the database back if it is away; intake goes on by itself.", "ディスクの空きを増やすか、データベースを復旧してください。受付は自動的に再開します。")),
    ];

    public NotReady? WhyNotReady =>
        !spool.IsHealthy ? new NotReady(Closed, "the mail spool is closed: a write or fsync failed, or it is not open yet")
        : spool.PausedBecause is { } why ? new NotReady(Paused, $"the mail spool takes no new mail: {why}")
        : null;
}
