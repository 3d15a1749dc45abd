using Tsunagi.Core.Nodes;

namespace Tsunagi.Mail.Spool;

/// <summary>Whether the node's spool takes new mail: a node whose spool does not should get no new connections.</summary>
internal sealed class SpoolReadiness(MailSpool spool) : IReadiness
{
    private const string Closed = "mail.spool.closed";
    private const string Paused = "mail.spool.paused";

    public static readonly IReadOnlyList<ReadinessDeclaration> All =
    [
        new(Closed, new("The mail spool is closed after a failed write and is being opened again: new mail is put off (451, or 452 while the disk is full), nothing accepted is lost.", "書き込みに失敗したため、メールスプールを閉じて開き直しています。新着は一時拒否(451、空きがない間は452)となり、受付済みのメールは失われません。"),
            new("Look at the disk: the program opens the spool again by itself once it can be written.", "ディスクを確認してください。書き込めるようになると、スプールは自動的に再開します。")),
        new(Paused, new("The mail spool takes no new mail for now (452); what it holds is delivered.", "メールスプールの受付を一時停止しています(452)。保管中のメールの配送は続きます。"),
            new("Make room on the disk, or bring the database back if it is away; intake goes on by itself.", "ディスクの空きを増やすか、データベースを復旧してください。受付は自動的に再開します。")),
    ];

    public NotReady? WhyNotReady =>
        spool.ClosedBecause is { } closed ? new NotReady(Closed, closed)
        : spool.PausedBecause is { } why ? new NotReady(Paused, $"the mail spool takes no new mail: {why}")
        : null;
}
