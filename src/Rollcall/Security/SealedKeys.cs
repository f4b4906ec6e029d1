using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Rollcall.Security;

/// <summary>The keys of <see cref="SharedKeys"/> rest sealed: a copy of the table makes no cookie.</summary>
internal sealed class SealedKeys(Secret secret) : IXmlEncryptor
{
    public const string Purpose = "data protection keys";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) =>
        new(
            new XElement(
                "sealed",
                Convert.ToBase64String(
                    secret.Protect(
                        Purpose,
                        Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting))
                    )
                )
            ),
            typeof(OpenedKeys)
        );
}

/// <summary>
/// Public constructor and <see cref="IServiceProvider"/>: the framework makes it, by the name that the row holds.
/// </summary>
internal sealed class OpenedKeys(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) =>
        XElement.Parse(
            Encoding.UTF8.GetString(
                services
                    .GetRequiredService<Secret>()
                    .Unprotect(SealedKeys.Purpose, Convert.FromBase64String(encryptedElement.Value))
            )
        );
}
