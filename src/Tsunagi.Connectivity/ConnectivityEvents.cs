using Tsunagi.Core.Events;

namespace Tsunagi.Connectivity;

/// <summary>The events of lines, access servers and addresses. Those of changes are told by ChangeRecorder, which adds the version to the act's name.</summary>
internal static class ConnectivityEvents
{
    public const string LineAdded = "connectivity.line.added";
    public const string LineChanged = "connectivity.line.changed";
    public const string LineEnded = "connectivity.line.ended";
    public const string PasswordSet = "connectivity.line.password-set";
    public const string NasAdded = "connectivity.nas.added";
    public const string NasChanged = "connectivity.nas.changed";
    public const string NasRemoved = "connectivity.nas.removed";

    public static readonly IReadOnlyList<EventDeclaration> All =
    [
        new(LineAdded + "@1", EventSeverity.Info, new("A line was set up.", "回線を開通登録しました。")),
        new(LineChanged + "@1", EventSeverity.Info, new("A line was changed.", "回線の設定を変更しました。")),
        new(LineEnded + "@1", EventSeverity.Notice, new("A line was ended: nobody connects by it any more, and its addresses rest before they are given again.", "回線を終了しました。接続できなくなり、アドレスは一定期間後に再利用されます。")),
        new(PasswordSet + "@1", EventSeverity.Notice, new("A line's password was set anew.", "回線のパスワードを再設定しました。")),
        new(NasAdded + "@1", EventSeverity.Notice, new("An access server was added: its requests are answered.", "アクセスサーバーを追加しました。")),
        new(NasChanged + "@1", EventSeverity.Notice, new("An access server was changed.", "アクセスサーバーの設定を変更しました。")),
        new(NasRemoved + "@1", EventSeverity.Notice, new("An access server was removed: its requests are not answered any more.", "アクセスサーバーを削除しました。以後の要求には応答しません。")),
    ];
}
