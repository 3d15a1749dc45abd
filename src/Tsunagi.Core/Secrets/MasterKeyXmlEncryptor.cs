using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Tsunagi.Core.Secrets;

/// <summary>Wraps the framework's own keys (antiforgery) with the master key, so that a copy of the data directory without it opens nothing.</summary>
internal sealed class MasterKeyXmlEncryptor(MasterKeys masters) : IXmlEncryptor
{
    internal static readonly byte[] Context = Encoding.UTF8.GetBytes("aspnet.data-protection");

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var box = masters.Wrap(Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting)), Context);
        return new EncryptedXmlInfo(
            new XElement("wrapped", new XAttribute("master", masters.ActiveId), Convert.ToBase64String(box)), typeof(MasterKeyXmlDecryptor));
    }
}
